import ELBNet

/// What all nodes of a load balancer share for authentication: a user who logged in at one is known at the others.
struct AuthenticationSettings: Sendable {
    var keys: AuthenticationKeys
    var surroundings: ProviderClient.Surroundings
}
