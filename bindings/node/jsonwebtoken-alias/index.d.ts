// The types of the drop-in.
export * from 'keytide/jsonwebtoken';
