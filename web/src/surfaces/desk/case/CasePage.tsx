export default function CasePage() {
  return <main />
}
