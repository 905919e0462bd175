/// <reference types="cypress" />
import * as jose from 'jose';

Cypress.Commands.add('loginAs', (email: string) => {
  const key = new TextEncoder().encode('cypress-local-signing-key');
  cy.wrap(
    new jose.SignJWT({ email }).setProtectedHeader({ alg: 'HS256' }).setExpirationTime('5m').sign(key),
  ).then((token) => {
    cy.setCookie('session', token as string);
  });
});
