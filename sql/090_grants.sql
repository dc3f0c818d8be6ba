-- What each role may do in ops. Everything else is refused by default.
grant usage on schema ops to utpadan_loader, utpadan_builder, utpadan_analyst;
grant select on all tables in schema ops to utpadan_loader, utpadan_builder;
-- Rejected rows are kept as sent, personal columns too, which the builder must not read.
revoke select on ops.rejected_row from utpadan_builder;
-- The ledger is added to; what is written in it changes in the columns named here alone.
revoke update, delete on ops.delivery, ops.load from utpadan_loader;
grant insert on ops.delivery, ops.load to utpadan_loader;
grant update (
    checked_at, check_requests, check_retries, check_seconds, confirmed_at,
    request_sha256, etag, last_modified
) on ops.delivery to utpadan_loader;
grant update (status, reverted_at) on ops.load to utpadan_loader;
grant insert, update, delete on ops.rejected_row to utpadan_loader;
grant insert on ops.fetch_error to utpadan_loader;
grant insert on ops.check_result to utpadan_loader, utpadan_builder;
grant insert on ops.model_run to utpadan_builder;
grant delete on ops.check_result, ops.model_run to utpadan_builder;
revoke update, delete on ops.build, ops.release, ops.release_load from utpadan_builder;
grant insert on ops.build, ops.release, ops.release_load to utpadan_builder;
grant update (audited_at) on ops.build to utpadan_builder;
-- A publish that readers are in the way of takes its release back before it tries anew.
grant update (undone_at), delete on ops.release to utpadan_builder;
grant delete on ops.release_load to utpadan_builder;
-- Identity columns ask for no right of their own; loads and releases take their ids beforehand.
revoke all on all sequences in schema ops from utpadan_loader, utpadan_builder;
grant usage on sequence ops.load_load_id_seq to utpadan_loader;
grant usage on sequence ops.release_release_id_seq to utpadan_builder;
grant select on
ops.source_status, ops.gate_status, ops.open_finding, ops.release_history, ops.rejection
to utpadan_analyst;

-- The loader reads numbers and dates as publications print them, the builder compares releases.
revoke all on all routines in schema ops from public;
grant execute on function
ops.read_number(text, numeric, numeric), ops.read_integer(text), ops.read_date(text, text[])
to utpadan_loader;
grant execute on function
ops.release_before(text), ops.compare_releases(), ops.statements_at_work()
to utpadan_builder;
