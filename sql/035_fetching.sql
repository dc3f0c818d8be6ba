-- What fetching took: tried once or often, and when a portal last sent the bytes themselves.

alter table ops.delivery
add column if not exists seconds double precision,
add column if not exists confirmed_at timestamptz,
add column if not exists check_requests integer,
add column if not exists check_retries integer,
add column if not exists check_seconds double precision;
comment on column ops.delivery.requests is 'Requests that fetched it, every page and try counted.';
comment on column ops.delivery.retries is 'Of the requests, those sent again after trouble.';
comment on column ops.delivery.seconds is 'Seconds from the first request to the last byte.';
comment on column ops.delivery.confirmed_at is
'When the portal last sent just these bytes; after a week without, it is asked for them again, '
'since it may err in saying that nothing changed.';
comment on column ops.delivery.check_requests is
'Requests of the newest check that found nothing newer; check_retries and check_seconds likewise.';

alter table ops.fetch_error
add column if not exists requests integer,
add column if not exists retries integer,
add column if not exists seconds double precision;
comment on column ops.fetch_error.requests is 'Requests sent in vain, every page and try counted.';
comment on column ops.fetch_error.retries is 'Of the requests, those sent again after trouble.';
comment on column ops.fetch_error.seconds is 'Seconds until it was given up.';
