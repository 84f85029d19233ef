/** Ant Design in our colours. `hashed: false` and CSS variables: switching is a change of variables. */
import { theme as antd, type ThemeConfig } from 'antd'
import { PALETTE, type Theme } from '../../app/theme'

export function deskTheme(theme: Theme): ThemeConfig {
  const colours = PALETTE[theme]
  return {
    algorithm: theme === 'dark' ? antd.darkAlgorithm : antd.defaultAlgorithm,
    cssVar: {},
    hashed: false,
    token: {
      colorPrimary: colours.accent,
      colorInfo: colours.accent,
      colorSuccess: colours.phase.done,
      colorWarning: colours.phase.new,
      colorError: colours.phase.over,
      colorTextBase: colours.text,
      colorBgBase: colours.surface,
      colorBgLayout: colours.bg,
      // The algorithm would mix its own, bluer surfaces.
      colorBgContainer: colours.surface,
      colorBgElevated: theme === 'dark' ? colours.surface2 : colours.surface,
      colorTextSecondary: colours.text2,
      colorTextTertiary: colours.text3,
      colorTextPlaceholder: colours.text3,
      colorTextDescription: colours.text2,
      colorBorder: theme === 'dark' ? '#35495B' : '#C4CDD7',
      colorBorderSecondary: colours.line,
      colorSplit: colours.line,
      borderRadius: 6,
      fontFamily: 'var(--font-sans)',
      fontSize: 14,
      // Drawers and menus take the focus when they open: they stand at once, so that no key is
      // pressed into what is still on its way.
      motion: false,
    },
    components: {
      Table: { cellPaddingBlockSM: 5, headerBg: colours.bg },
      // The dark algorithm dims the colour of danger below what can be read on a menu, and
      // white on its bright form cannot be read either.
      Dropdown: {
        colorError: colours.phase.over,
        colorTextLightSolid: theme === 'dark' ? colours.bg : '#FFFFFF',
      },
    },
  }
}
