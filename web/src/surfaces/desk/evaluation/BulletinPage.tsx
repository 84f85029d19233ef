export default function BulletinPage() {
  return <main />
}
