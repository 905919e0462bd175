import jwt from 'jsonwebtoken';
Cypress.Commands.add('login', () => {
  window.localStorage.setItem('jwt', jwt.sign({ id: 1 }, 'cypress-secret'));
});
