-- psql -v ON_ERROR_STOP=1 -f deploy/postgresql/roles.sql postgres, as a superuser: three roles and the hospital's database.
--
-- chikitsa_owner owns the tables: init, db upgrade and db restore, nothing else. CREATEDB is for db restore, which
-- verifies a backup beside the hospital before it takes its place.
-- chikitsa_app is what terminals use, chikitsa_jobs what workers use. What they may do with the tables is given to
-- them by init and by every db upgrade.
--
-- Set their passwords with \password, or let pg_hba.conf map them to system accounts (peer) or certificates (cert).
CREATE ROLE chikitsa_owner LOGIN CREATEDB;
CREATE ROLE chikitsa_app LOGIN;
CREATE ROLE chikitsa_jobs LOGIN;
CREATE DATABASE chikitsa OWNER chikitsa_owner TEMPLATE template0 ENCODING 'UTF8';
REVOKE ALL ON DATABASE chikitsa FROM PUBLIC;
GRANT CONNECT ON DATABASE chikitsa TO chikitsa_app, chikitsa_jobs;
