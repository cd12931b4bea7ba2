#ifndef ANNOUNCE_CSQLITE_SHIM_H
#define ANNOUNCE_CSQLITE_SHIM_H

#include <sqlite3.h>

/// Lets SQLite keep no account of the memory that it has, for which it takes a lock at each piece; before its first use.
static inline int announce_sqlite_keep_no_account(void) {
    return sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

#endif
