#ifndef CPOSTGRES_SHIM_H
#define CPOSTGRES_SHIM_H

#include <libpq-fe.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>

/* The fields of an error report are character macros, which Swift cannot import. */
static const int postgres_field_severity = PG_DIAG_SEVERITY_NONLOCALIZED;
static const int postgres_field_sqlstate = PG_DIAG_SQLSTATE;
static const int postgres_field_message = PG_DIAG_MESSAGE_PRIMARY;
static const int postgres_field_detail = PG_DIAG_MESSAGE_DETAIL;
static const int postgres_field_hint = PG_DIAG_MESSAGE_HINT;
static const int postgres_field_position = PG_DIAG_STATEMENT_POSITION;
static const int postgres_field_context = PG_DIAG_CONTEXT;
static const int postgres_field_constraint = PG_DIAG_CONSTRAINT_NAME;

#endif
