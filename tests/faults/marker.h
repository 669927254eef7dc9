/* What clock.so tells inject by prctl(2), which knows no such option. */
#ifndef TESTS_FAULTS_MARKER_H
#define TESTS_FAULTS_MARKER_H

enum { MAIN_BEGINS = 0x66617574 };

#endif
