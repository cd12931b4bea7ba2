#ifndef CALLOCATIONS_H
#define CALLOCATIONS_H

/// How often this process has asked for memory so far: calls of malloc, calloc, realloc and their aligned kin.
///
/// The functions of this library take the place of glibc's in every executable that links it, the Swift runtime's calls
/// included, and pass on to glibc.
unsigned long allocation_count(void);

#endif
