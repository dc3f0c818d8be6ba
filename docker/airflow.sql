-- Airflow's role and database, with the password of the environment. Can be run again at any time.
\getenv password UTPADAN_AIRFLOW_DB_PASSWORD

select 'create role airflow login'
where not exists (select from pg_roles where rolname = 'airflow') \gexec
alter role airflow password :'password';

select 'create database airflow owner airflow'
where not exists (select from pg_database where datname = 'airflow') \gexec
revoke all on database airflow from public;
