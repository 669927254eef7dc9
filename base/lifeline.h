/*
 * A process that outlives another only to clear up behind it, however that
 * one was killed: it holds one end of a pipe, the other process the other.
 */
#ifndef BASE_LIFELINE_H
#define BASE_LIFELINE_H

/*
 * For a fork that does nothing else.  Returns when nobody has the other end
 * of the pipe open any more.  Until then and after: all signals blocked, the
 * leader of a process group of its own, no file open but this one.
 */
void lifeline_wait(int lifeline);

#endif
