-- What a person let through although a brake had stopped it, and why: written once, never changed.

create table if not exists ops.acceptance (
    acceptance_id bigint generated always as identity primary key,
    boundary text not null check (boundary in ('load', 'staging', 'marts')),
    subject text not null,
    judged jsonb not null,
    accepted jsonb not null,
    refusal text not null,
    reason text not null check (reason ~ '[^[:space:]].{8,}[^[:space:]]'),
    accepted_by text not null check (accepted_by ~ '[^[:space:]]'),
    session_role text not null default session_user,
    accepted_at timestamptz not null default clock_timestamp()
);
comment on table ops.acceptance is
'What a person accepted although a bound or a rule had stopped it, and why; rows never change.';
comment on column ops.acceptance.subject is 'Of a load its source, of a gate suite/rule.';
comment on column ops.acceptance.judged is
'What the acceptance is good for and nothing else: the delivery of a load; the loads, the models '
'and the suite that a gate judged. Identifiers outlive the rows they name, so no key checks them.';
comment on column ops.acceptance.accepted is
'Up to where: the value observed for each bound of a load; the offending rows of a rule.';
comment on column ops.acceptance.refusal is 'What the refusal said.';
comment on column ops.acceptance.accepted_by is
'The user of the machine, or the name that was given; session_role is the role of the database.';

-- Time and role are the server's, so nobody but the admin can write them.
grant insert (boundary, subject, judged, accepted, refusal, reason, accepted_by)
on ops.acceptance to utpadan_loader, utpadan_builder;
grant select on ops.acceptance to utpadan_analyst;

-- Who loads accepts for staging, who builds for the marts: neither lets the other's work through.
alter table ops.acceptance enable row level security;
drop policy if exists readable on ops.acceptance;
drop policy if exists by_who_loads on ops.acceptance;
drop policy if exists by_who_builds on ops.acceptance;
create policy readable on ops.acceptance for select using (true);
create policy by_who_loads on ops.acceptance for insert to utpadan_loader
with check (boundary in ('load', 'staging'));
create policy by_who_builds on ops.acceptance for insert to utpadan_builder
with check (boundary = 'marts');

alter table ops.load add column if not exists breaches jsonb;
comment on column ops.load.breaches is
'Of a refusal for bounds: each bound of the contract that broke, with the value observed.';

alter table ops.check_result add column if not exists judged jsonb;
alter table ops.check_result
add column if not exists acceptance_id bigint references ops.acceptance;
comment on column ops.check_result.judged is
'What the gate judged: loads, suite, and of marts the models.';
comment on column ops.check_result.acceptance_id is
'The rule did not hold, and a person had accepted just that.';
