// PCRE2 over 8-bit code units; the functions keep their suffix `_8` in Swift.
#ifndef ASSAY_CPCRE2_H
#define ASSAY_CPCRE2_H
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#endif
