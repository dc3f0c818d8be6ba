-- Names that link to no company, with the companies they may mean, for a person to decide.
create table if not exists ops.vendor_name_review (
    vendor_name text primary key,
    named_in text not null,
    rows_naming bigint not null,
    candidate_1 text,
    score_1 numeric,
    candidate_2 text,
    score_2 numeric,
    candidate_3 text,
    score_3 numeric,
    listed_at timestamptz not null default clock_timestamp()
);
comment on table ops.vendor_name_review is
'Names of companies that the newest build could not link, each with its likest known companies.';
comment on column ops.vendor_name_review.named_in is 'Sources, with the role, that use the name.';
comment on column ops.vendor_name_review.rows_naming is 'Rows of all sources that use it.';
comment on column ops.vendor_name_review.score_1 is 'Likeness of the first, from 0 to 100.';
grant insert, delete on ops.vendor_name_review to utpadan_builder;
grant select on ops.vendor_name_review to utpadan_builder, utpadan_analyst;
