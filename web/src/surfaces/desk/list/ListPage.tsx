export default function ListPage() {
  return <main />
}
