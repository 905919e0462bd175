ALTER DATABASE postgres SET "app.settings.jwt_secret" TO 'nightjar-nightjar-nightjar-32-chars';
ALTER DATABASE postgres SET "app.settings.jwt_exp" TO '3600';
