/** The tools at the map's right edge; numbers choose them, Esc puts them down. */
import {
  AimOutlined,
  EditOutlined,
  FieldTimeOutlined,
  GatewayOutlined,
  HeatMapOutlined,
  InfoCircleOutlined,
  LineOutlined,
  PrinterOutlined,
  SwapOutlined,
} from '@ant-design/icons'
import { TOOLS, type Tool } from './search'
import { useT } from './words'

interface ToolRailProps {
  current: Tool
  time: boolean
  onTool: (tool: Tool) => void
  onTime: (on: boolean) => void
}

const ICONS: Record<Tool, React.ReactNode> = {
  identify: <InfoCircleOutlined />,
  measure: <LineOutlined rotate={-45} />,
  draw: <EditOutlined />,
  select: <GatewayOutlined />,
  nearest: <AimOutlined />,
  density: <HeatMapOutlined />,
  compare: <SwapOutlined />,
  print: <PrinterOutlined />,
}

export function toolName(t: ReturnType<typeof useT>, tool: Tool): string {
  return t(`tool_${tool}`)
}

export function ToolRail({ current, time, onTool, onTime }: ToolRailProps) {
  const t = useT()
  return (
    <div className="map-rail" role="toolbar" aria-label={t('tools')} aria-orientation="vertical">
      {TOOLS.map((tool, index) => (
        <button
          key={tool}
          type="button"
          aria-pressed={current === tool}
          title={`${t(`tool_${tool}_about`)} (${index + 1})`}
          onClick={() => onTool(current === tool ? 'identify' : tool)}
        >
          {ICONS[tool]}
          {toolName(t, tool)}
        </button>
      ))}
      <button
        type="button"
        aria-pressed={time}
        title={t('time_about')}
        onClick={() => onTime(!time)}
      >
        <FieldTimeOutlined />
        {t('time')}
      </button>
    </div>
  )
}
