private const string Secret = "unit-tests-have-this-one-and-only";
