-- What each role may do in ops. Everything else is refused by default.
grant usage on schema ops to utpadan_loader, utpadan_builder, utpadan_analyst;
grant select on all tables in schema ops to utpadan_loader, utpadan_builder;
-- Rejected rows are kept as sent, personal columns too, which the builder must not read.
revoke select on ops.rejected_row from utpadan_builder;
grant insert, update, delete on ops.delivery, ops.load, ops.rejected_row to utpadan_loader;
grant insert on ops.fetch_error to utpadan_loader;
grant insert on ops.check_result to utpadan_loader, utpadan_builder;
grant insert on ops.model_run to utpadan_builder;
grant delete on ops.check_result, ops.model_run to utpadan_builder;
grant insert, update on ops.build to utpadan_builder;
grant insert, update, delete on ops.release, ops.release_load to utpadan_builder;
grant usage on all sequences in schema ops to utpadan_loader, utpadan_builder;
grant select on
ops.source_status, ops.gate_status, ops.open_finding, ops.release_history, ops.rejection
to utpadan_analyst;
