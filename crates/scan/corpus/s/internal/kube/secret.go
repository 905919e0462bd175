package kube

import (
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

const (
	jwtSecretName = "api-jwt-secret"
	jwtSecretKey  = "jwt-secret"
)

func EnvVar() corev1.EnvVar {
	return corev1.EnvVar{
		Name: "JWT_SECRET",
		ValueFrom: &corev1.EnvVarSource{
			SecretKeyRef: &corev1.SecretKeySelector{
				LocalObjectReference: corev1.LocalObjectReference{Name: jwtSecretName},
				Key:                  jwtSecretKey,
			},
		},
	}
}

func Empty(ns string) *corev1.Secret {
	return &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Name: jwtSecretName, Namespace: ns}}
}
