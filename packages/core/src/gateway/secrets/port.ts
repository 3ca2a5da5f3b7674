/** What a checkout connection keeps secret. Several webhook secrets are valid at once while one is being rolled. */
export interface ConnectionSecrets {
  apiKey: string;
  webhookSecrets: string[];
}

export interface SecretsGateway {
  /** @throws AppError unavailable when the store does not answer or holds nothing under that connection. */
  ofConnection(connectionId: string): Promise<ConnectionSecrets>;
}
