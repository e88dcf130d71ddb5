// Healthy is what can serve: asks the app's own readiness.
const answer = await fetch(`http://127.0.0.1:${process.env.PORT}/health/ready`).catch(() => null);
process.exit(answer?.ok ? 0 : 1);
