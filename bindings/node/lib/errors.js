// The error of the native API: a stable code, what went wrong, and what to do next.
'use strict';

/** `code` is the same in Rust, over HTTP and here; a value that may be a secret is in none of them. */
class KeytideError extends Error {
  constructor(code, message, hint) {
    super(message);
    this.name = 'KeytideError';
    this.code = code;
    this.hint = hint;
  }
}

/** What the addon answered, or the error that it answered with. */
function answered(answer) {
  if (isRefusal(answer)) throw new KeytideError(answer.code, answer.message, answer.hint);
  return answer;
}

/** Handles have methods and no `hint`; texts have neither. */
function isRefusal(answer) {
  return typeof answer === 'object' && answer !== null && Object.hasOwn(answer, 'hint');
}

/** An option that no caller can have meant. */
function badOption(name, message) {
  return new KeytideError('bad_option', `${name} ${message}`, 'Give the named option a value that can be.');
}

module.exports = { KeytideError, answered, badOption, isRefusal };
