/* The clock of a room: a worker's timers go on at their pace where those of a page in the background are put off. */
onmessage = ({ data: { id, after } }) => setTimeout(() => postMessage(id), after);
