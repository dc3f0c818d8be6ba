"""Utpadan: a data warehouse of India's defence manufacturing."""
