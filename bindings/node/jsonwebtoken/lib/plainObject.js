// What counts as a plain object: made by a literal, by `Object.create(null)` or by JSON.
'use strict';

const { toString } = Object.prototype;
const asText = Function.prototype.toString;
const OBJECT_CONSTRUCTOR = asText.call(Object);

module.exports = function isPlainObject(value) {
  if (typeof value !== 'object' || value === null) return false;
  const prototype = Object.getPrototypeOf(value);
  if (prototype === Object.prototype) return toString.call(value) === '[object Object]';
  if (toString.call(value) !== '[object Object]') return false;
  if (prototype === null) return true;
  // An object of another realm has another `Object`, which reads the same.
  const constructor = Object.hasOwn(prototype, 'constructor') && prototype.constructor;
  return (
    typeof constructor === 'function' &&
    constructor instanceof constructor &&
    asText.call(constructor) === OBJECT_CONSTRUCTOR
  );
};
