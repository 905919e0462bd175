// What a call came to, in a form that two libraries can be compared by.
'use strict';

/** Sync: `{ result }` or `{ error }`. */
function now(call) {
  try {
    return { result: call() };
  } catch (error) {
    return { error: described(error) };
  }
}

/** With a callback: every call of it, and whether it came in the same tick; what was thrown past it. */
async function later(call) {
  const calls = [];
  let isSameTick = true;
  const outcome = { calls };
  try {
    call((error, result) => {
      calls.push({ error: error && described(error), result, isSameTick });
    });
  } catch (error) {
    outcome.thrown = described(error);
  }
  isSameTick = false;
  // Two turns of the loop: the original's streams take one.
  await new Promise((resolve) => setImmediate(resolve));
  if (calls.length === 0) await new Promise((resolve) => setImmediate(resolve));
  return outcome;
}

/** Class, message and every own property but the stack. */
function described(error) {
  const { stack, ...own } = error;
  return { class: error.constructor.name, name: error.name, message: error.message, own };
}

module.exports = { now, later };
