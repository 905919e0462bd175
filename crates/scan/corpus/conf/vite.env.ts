interface ImportMetaEnv { readonly VITE_JWT_HEADER: 'x-jwt'; }
