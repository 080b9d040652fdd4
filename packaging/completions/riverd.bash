# bash completion for riverd(1)

_riverd() {
  local cur prev words cword
  if declare -F _init_completion >/dev/null; then
    _init_completion || return
  else
    cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} words=("${COMP_WORDS[@]}") cword=$COMP_CWORD
  fi

  local command= config= i
  for ((i = 1; i < cword; i++)); do
    [[ -z $command && ${words[i]} != -* ]] && command=${words[i]}
    [[ ${words[i]} == --config ]] && config=${words[i+1]}
  done

  local filters="--source --category --tag --author --q --since --until"
  case $prev in
    --config) COMPREPLY=($(compgen -f -X '!*.toml' -- "$cur") $(compgen -d -- "$cur")); return ;;
    --out) COMPREPLY=($(compgen -f -- "$cur")); return ;;
    --source)
      [[ -r $config ]] && COMPREPLY=($(compgen -W "$(sed -n 's/^name *= *"\([a-z0-9-]*\)".*/\1/p' "$config")" -- "$cur"))
      return ;;
    --format)
      case $command in
        article) COMPREPLY=($(compgen -W "json md html" -- "$cur")) ;;
        export) COMPREPLY=($(compgen -W "hexo opml json atom rss" -- "$cur")) ;;
      esac
      return ;;
    --base|--url|--content-type|--name|--category|--tag|--author|--q|--since|--until|--limit) return ;;
  esac

  local options=
  case $command in
    '') COMPREPLY=($(compgen -W "serve update parse article check import add export sources query vacuum backup --help --version" -- "$cur")); return ;;
    serve|vacuum|backup) options="--config" ;;
    update) options="--config --json --due --source" ;;
    parse) options="--base --content-type --config --source" ;;
    article) options="--url --format" ;;
    check) options="--config --resolved" ;;
    import) options="--config --dry-run" ;;
    add) options="--config --name --category --tag --dry-run" ;;
    export) options="--config --format --out --delete --limit $filters" ;;
    sources) options="--config --failing --json" ;;
    query) options="--config --limit --content --json $filters" ;;
  esac
  if [[ $cur == -* ]]; then
    COMPREPLY=($(compgen -W "$options --help" -- "$cur"))
  else
    case $command in
      parse|article|import|backup) COMPREPLY=($(compgen -f -- "$cur")) ;;
      *) COMPREPLY=($(compgen -W "$options" -- "$cur")) ;;
    esac
  fi
} &&
complete -o filenames -F _riverd riverd
