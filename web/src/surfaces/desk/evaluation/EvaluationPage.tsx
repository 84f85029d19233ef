export default function EvaluationPage() {
  return <main />
}
