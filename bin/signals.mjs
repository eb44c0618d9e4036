// Ctrl-C under npm arrives twice within milliseconds: from the terminal, and passed on by npm. The command is to see
// one, because a second one means "now".

const SAME_KEYSTROKE_MS = 500;

/** Drops a signal that comes right after an equal one. Must run before the first listener: Node binds `emit` then. */
export function onceEach(signals) {
  const lastAt = new Map();
  const emit = process.emit;
  process.emit = function (event, ...args) {
    if (signals.includes(event)) {
      const now = performance.now();
      const isEcho = now - (lastAt.get(event) ?? -Infinity) < SAME_KEYSTROKE_MS;
      if (isEcho) return true;
      lastAt.set(event, now);
    }
    return emit.call(this, event, ...args);
  };
}
