-- What holds a source or the build is a session. One whose client is gone must end by itself:
-- a killed client within seconds, also in the middle of a statement; a client on a machine that is
-- gone within two minutes; a client that hangs in a transaction within half an hour.
do $$
declare
    worker text;
begin
    foreach worker in array array['utpadan_loader', 'utpadan_builder'] loop
        execute format('alter role %I set client_connection_check_interval = ''2s''', worker);
        execute format('alter role %I set datestyle = ''ISO, YMD''', worker);
        execute format('alter role %I set tcp_keepalives_idle = 60', worker);
        execute format('alter role %I set tcp_keepalives_interval = 10', worker);
        execute format('alter role %I set tcp_keepalives_count = 6', worker);
        execute format('alter role %I set tcp_user_timeout = ''2min''', worker);
        execute format(
            'alter role %I set idle_in_transaction_session_timeout = ''30min''', worker
        );
    end loop;
end
$$;
