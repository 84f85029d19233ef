export default function WorkPage() {
  return <main />
}
