import { QueryClientProvider } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { App, ConfigProvider } from 'antd'
import en from 'antd/locale/en_GB'
import zh from 'antd/locale/zh_CN'
import { queryClient } from '../../api/queries'
import { boot } from '../../app/boot'
import { useLanguage } from '../../app/language'
import { useTheme } from '../../ui/Switches'
import '../../ui/controls.css'
import { router } from './router'
import { deskTheme } from './theme'

const client = queryClient()

function Desk() {
  const spoken = useLanguage()
  const theme = useTheme()
  return (
    <ConfigProvider
      locale={spoken === 'zh' ? zh : en}
      theme={deskTheme(theme)}
      button={{ autoInsertSpace: false }}
      componentSize="middle"
    >
      <App>
        <QueryClientProvider client={client}>
          <RouterProvider router={router} />
        </QueryClientProvider>
      </App>
    </ConfigProvider>
  )
}

void boot(<Desk />)
