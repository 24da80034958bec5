#include "CTorch.h"

// The header is the whole target; SwiftPM wants one source file.
