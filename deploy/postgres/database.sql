-- One database for one service, and a role that alone may connect to it. Runs once for each service, one statement after another.
CREATE ROLE :"service" LOGIN PASSWORD :'password';
CREATE DATABASE :"service" OWNER :"service";
REVOKE ALL ON DATABASE :"service" FROM PUBLIC;
