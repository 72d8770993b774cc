"""The booking page: a service, an agent, a day, a time, the form, the confirmation."""
