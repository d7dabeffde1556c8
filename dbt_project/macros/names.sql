{#-
  Names of units and firms in a form in which they may be compared. The words and signs are rows of the seed name_words.
  Landing has put every name into NFKC already, so brackets and letters have one width.
-#}

{#- Table expression with one row and two columns: what a name may end in, and the signs to leave out, as patterns. -#}
{% macro name_patterns(word_kind) -%}
    (
        select
            concat(
                '(',
                string_agg(case when word_kind = '{{ word_kind }}' then word_zh end, '|' order by length(word_zh) desc, word_zh),
                ')$'
            ) as ending,
            concat(
                '[ ',
                string_agg(
                    case
                        when word_kind = 'ignored_sign' and word_zh in ('[', ']', '-') then concat('{{ '\\' }}', word_zh)
                        when word_kind = 'ignored_sign' then word_zh
                    end,
                    '' order by word_zh
                ),
                ']'
            ) as signs
        from {{ ref('name_words') }}
    )
{%- endmacro %}

{#- The name without spaces, signs and its ending, in small letters; a name that is nothing but an ending stays whole. -#}
{% macro bare_name(name, patterns) -%}
    coalesce(
        nullif({{ regexp_cut(regexp_cut('lower(' ~ name ~ ')', patterns ~ '.signs'), patterns ~ '.ending') }}, ''),
        lower({{ name }})
    )
{%- endmacro %}

{#- The name from the lowest place in it on: what stands before a district or a city that names it says nothing more. -#}
{% macro without_outer_places(name, places) -%}
    case
    {%- for outer in (['province_name', 'city_name'], ['city_name'], ['province_name']) %}
        when {{ name }} like {{ places }}.{{ outer | join(' || ' ~ places ~ '.') }} || {{ places }}.district_name || '%'
            then substr({{ name }}, length({{ places }}.{{ outer | join(' || ' ~ places ~ '.') }}) + 1)
    {%- endfor %}
        when {{ name }} like {{ places }}.province_name || {{ places }}.city_name || '%'
            then substr({{ name }}, length({{ places }}.province_name) + 1)
        else {{ name }}
    end
{%- endmacro %}

{#- The text without anything that fits the pattern. -#}
{% macro regexp_cut(text, pattern) -%}
    {{ adapter.dispatch('regexp_cut', 'jiedao')(text, pattern) }}
{%- endmacro %}

{% macro default__regexp_cut(text, pattern) -%}
    regexp_replace({{ text }}, {{ pattern }}, '')
{%- endmacro %}

{% macro duckdb__regexp_cut(text, pattern) -%}
    regexp_replace({{ text }}, {{ pattern }}, '', 'g')
{%- endmacro %}

{#- Hexadecimal hash of a text: short, and the same in every build. -#}
{% macro text_hash(text) -%}
    {{ dbt.hash(text) }}
{%- endmacro %}
