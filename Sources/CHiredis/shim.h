#ifndef ANNOUNCE_CHIREDIS_SHIM_H
#define ANNOUNCE_CHIREDIS_SHIM_H

#include <hiredis/hiredis.h>

#endif
