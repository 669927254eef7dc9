/* report_page.html as it is, between two labels; see report_output.c. */
#ifdef __CET__
#include <cet.h>
#endif
	.section .rodata
	.globl report_page
	.globl report_page_end
	.hidden report_page
	.hidden report_page_end
report_page:
	.incbin "verdicts/report_page.html"
report_page_end:
	.section .note.GNU-stack, "", %progbits
