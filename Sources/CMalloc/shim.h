#ifndef ANNOUNCE_CMALLOC_SHIM_H
#define ANNOUNCE_CMALLOC_SHIM_H

#include <malloc.h>

#endif
