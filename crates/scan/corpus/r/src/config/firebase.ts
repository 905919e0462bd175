export const firebaseConfig = {
  apiKey: 'AIzaSyD-not-a-real-key-000000000000',
  authDomain: 'acme.firebaseapp.com',
  projectId: 'acme',
};
