/// AWS's service models as text, one per service (fixtures/aws-models/generate.py makes them).
enum ServiceModelText {}
