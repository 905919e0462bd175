import { Injectable } from '@angular/core';
import { HttpClient } from '@angular/common/http';
import { JwtHelperService } from '@auth0/angular-jwt';
import { BehaviorSubject, tap } from 'rxjs';

const TOKEN_KEY = 'auth-token';
const REFRESH_TOKEN_KEY = 'auth-refreshtoken';
const USER_KEY = 'auth-user';

@Injectable({ providedIn: 'root' })
export class AuthService {
  private user$ = new BehaviorSubject<any>(null);
  private jwtKey = 'currentUserJwt';

  constructor(private http: HttpClient, private jwtHelper: JwtHelperService) {}

  login(username: string, password: string) {
    return this.http.post<any>('/api/auth/signin', { username, password }).pipe(
      tap((res) => {
        localStorage.setItem(TOKEN_KEY, res.accessToken);
        localStorage.setItem(REFRESH_TOKEN_KEY, res.refreshToken);
        localStorage.setItem(this.jwtKey, JSON.stringify(res));
      })
    );
  }

  isAuthenticated(): boolean {
    const token = localStorage.getItem(TOKEN_KEY);
    return !!token && !this.jwtHelper.isTokenExpired(token);
  }
}
