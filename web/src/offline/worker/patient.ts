/** The network's answer; the kept one where the network is silent, slow or broken. */
export async function orKept(
  asked: Promise<Response>,
  kept: Response | undefined,
  patience: number,
): Promise<Response> {
  if (!kept) return asked
  const late = new Promise<null>((resolve) => setTimeout(() => resolve(null), patience))
  const answer = await Promise.race([asked.catch(() => null), late])
  return answer && answer.status < 500 ? answer : kept
}
