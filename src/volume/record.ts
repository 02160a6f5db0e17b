/** What the store keeps of a volume (`volumes/<name>/volume.json`); its files are a tree beside it. */
export interface VolumeRecord {
  v: 1
  name: string
  created: number
  driver: string
  labels: Record<string, string> | null
  options: Record<string, string> | null
  /** Made without a name, for one container. */
  anonymous: boolean
}

/** Path on the simulated host, as inspect shows it. */
export const volumeMountpoint = (name: string): string => `/var/lib/docker/volumes/${name}/_data`
